/**
 * Shows how far a stage is: one line that is rewritten on a terminal, a plain line every ten seconds in CI,
 * so that a log shows life without growing by the request.
 */
export function progress(label: string): (done: number, planned: number, note: string) => void {
  const terminal = process.stderr.isTTY === true;
  let lastAt = performance.now();
  return (done, planned, note) => {
    const now = performance.now();
    const end = done >= planned;
    if (!end && now - lastAt < (terminal ? 200 : 10_000)) return;
    lastAt = now;
    const line = `  ${label}: ${done} of ${planned}${note === "" ? "" : ` (${note})`}`;
    if (terminal) process.stderr.write(`\r\x1b[K${line}${end ? "\n" : ""}`);
    else console.error(line);
  };
}
