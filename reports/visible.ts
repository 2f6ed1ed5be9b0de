/**
 * Text from a target as it may be shown: control characters become their pictures (NUL is ␀), because they
 * would drive a terminal, break XML, or vanish; what turns the direction of text, and half of a surrogate
 * pair, become U+FFFD.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n]/gu, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
    })
    .replace(/[\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g, "\ufffd");
}
