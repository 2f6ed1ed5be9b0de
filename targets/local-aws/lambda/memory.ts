import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The most memory a live process ever had resident, in MB rounded up; 0 when it is gone. */
export function peakMemoryMb(pid: number): number {
  try {
    if (process.platform === "linux") {
      const status = readFileSync(`/proc/${pid}/status`, "latin1");
      return Math.ceil(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }
    // Elsewhere only the present figure is to be had, which is not more than the peak.
    return Math.ceil(
      Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024,
    );
  } catch {
    return 0;
  }
}
