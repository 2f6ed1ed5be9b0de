const written =
  /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** The instant that a request names, or undefined where the contract refuses it. */
export function instantOf(text: unknown): Date | undefined {
  if (typeof text !== "string" || !written.test(text)) return undefined;
  const date = text.slice(0, 10);
  if (new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return undefined;
  return new Date(text);
}
