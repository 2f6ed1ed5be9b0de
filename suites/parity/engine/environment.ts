import type { Operation, OperationModel } from "../../../openapi/model/index.ts";
import type { SortKeys } from "../compare/sort-keys.ts";
import type { IdMap } from "../model/ids.ts";
import type { UserFile } from "../user-file.ts";
import type { Endpoint } from "./side.ts";

/** What every sequence of one exploration shares. */
export interface Environment {
  readonly model: OperationModel;
  readonly ids: IdMap;
  readonly userFile: UserFile;
  readonly baseline: Endpoint;
  readonly candidate: Endpoint;
  /** Operations that may be called. */
  readonly operations: readonly Operation[];
  /** What the baseline's lists were seen to be sorted by. */
  readonly sortKeys: SortKeys;
  readonly settleMs: number;
  readonly signal: AbortSignal;
}
