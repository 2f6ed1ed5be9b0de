import { expect, test } from "vitest";
import { parityConfig } from "./parity-command.ts";

test.each([
  [{}, { seconds: 120, sequences: 30 }, "the profile says both"],
  [{ minutes: "5" }, { seconds: 300 }, "a time stands for the profile's number, too"],
  [{ sequences: "7" }, { sequences: 7 }, "a number stands for the profile's time, too"],
  [{ minutes: "5", sequences: "7" }, { seconds: 300, sequences: 7 }, "both: whichever ends first"],
])("%j explores for %j: %s", (flags, wanted, _why) => {
  const { seconds, sequences } = parityConfig(flags).parity ?? {};
  expect({ seconds, sequences }).toEqual({ seconds: undefined, sequences: undefined, ...wanted });
});
