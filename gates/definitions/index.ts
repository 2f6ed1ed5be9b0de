import type { GateSpec } from "../evidence/index.ts";
import { coldStartP99 } from "./cold-start-p99.ts";
import { contracts } from "./contracts.ts";
import { errorRate } from "./error-rate.ts";
import { generator } from "./generator.ts";
import type { GateKind } from "./kind.ts";
import { parity } from "./parity.ts";

/** All kinds of gates. */
export const gateKinds: Readonly<Record<GateSpec["gate"], GateKind>> = {
  contracts,
  parity,
  generator,
  "coldStart.p99": coldStartP99,
  errorRate,
};
