/** The configuration: everything the user may set, in one typed and validated file. */
export {
  defineConfig,
  type Environment,
  type Flags,
  type ResolvedCapacity,
  type ResolvedConfig,
  type ResolvedLoad,
  type ResolvedParity,
  type ResolvedTarget,
  resolveConfig,
  type WebhookReceiver,
} from "./config/resolve.ts";
export type { Config, PhaseConfig, ProfileConfig, TargetConfig } from "./config/schema.ts";
