/** Evidence and verdict for people, CI and pull requests. */
export { type ConsoleOptions, renderConsole } from "./console.ts";
export { type ReportPaths, writeReports } from "./write.ts";
