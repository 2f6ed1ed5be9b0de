import type { GateSpec } from "../evidence/index.ts";
import { capacityAbsolute, capacityRatio } from "./capacity.ts";
import { coldStartP99 } from "./cold-start-p99.ts";
import { contracts } from "./contracts.ts";
import { correctnessUnderLoad } from "./correctness.ts";
import { errorRate } from "./error-rate.ts";
import { generator } from "./generator.ts";
import type { GateKind } from "./kind.ts";
import { latencyP95, latencyP99 } from "./latency.ts";
import { pact } from "./pact.ts";
import { parity } from "./parity.ts";
import { recoveryTime } from "./recovery-time.ts";
import { throttleRate } from "./throttle-rate.ts";

/** All kinds of gates. */
export const gateKinds: Readonly<Record<GateSpec["gate"], GateKind>> = {
  contracts,
  pact,
  parity,
  generator,
  "coldStart.p99": coldStartP99,
  errorRate,
  "latency.p95": latencyP95,
  "latency.p99": latencyP99,
  "capacity.ratio": capacityRatio,
  "capacity.absolute": capacityAbsolute,
  throttleRate,
  recoveryTime,
  correctnessUnderLoad,
};
