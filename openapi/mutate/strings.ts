/** The string cut or padded to a length in code points. */
export function ofLength(text: string, length: number): string {
  const points = [...text];
  return points.length >= length
    ? points.slice(0, length).join("")
    : text + "a".repeat(length - points.length);
}

/**
 * Grows a string to a length in code points, by insertions that keep it acceptable: as far as one goes, then
 * the next. Enough for what people write as patterns: words, addresses, ids.
 * @returns `undefined` when no insertion leads further
 */
export function grow(text: string, length: number, accepts: (text: string) => boolean): string | undefined {
  // Astral characters first: they tell code points from UTF-16 units.
  for (const filler of ["😀", "a"]) {
    const padded = text + filler.repeat(Math.max(0, length - [...text].length));
    if (accepts(padded)) return padded;
  }
  let points = [...text];
  while (points.length < length) {
    const longer = insertMost(points, length - points.length, accepts);
    if (longer === undefined) return undefined;
    points = longer;
  }
  return points.join("");
}

const PIECES: readonly (readonly string[])[] = [["a"], ["0"], ["A"], [".", "a"], ["-", "a"], ["/", "a"]];

/** The longest acceptable result of repeating one piece at one position. */
function insertMost(
  points: readonly string[],
  room: number,
  accepts: (text: string) => boolean,
): string[] | undefined {
  for (let count = room; count >= 1; count = Math.floor(count / 2))
    for (const piece of PIECES) {
      const times = Math.floor(count / piece.length);
      if (times === 0) continue;
      const filler = Array.from({ length: times }, () => piece).flat();
      for (let at = points.length; at >= 0; at--) {
        const longer = [...points.slice(0, at), ...filler, ...points.slice(at)];
        if (accepts(longer.join(""))) return longer;
      }
    }
  return undefined;
}
