import { randomUUID } from "node:crypto";
import { AwsError } from "../errors.ts";
import { functionArn } from "../identity.ts";
import type { FunctionModel } from "../template/model.ts";
import type { FunctionVersion } from "./types.ts";

export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Further versions with their share of the calls, from 0 to 1; the rest goes to `version`. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

/** One function with all that can change about it while it runs. */
export interface FunctionRecord {
  readonly name: string;
  latest: FunctionVersion;
  readonly versions: Map<string, FunctionVersion>;
  readonly aliases: Map<string, Alias>;
  reserved: number | undefined;
  /** While an update is under way another is refused. */
  updating: boolean;
}

/** Settings of a function an update may change. */
export type Change = Partial<
  Pick<FunctionVersion, "description" | "memoryMb" | "timeoutSeconds" | "environment" | "handler">
>;

const nameForms =
  /^(?:arn:aws:lambda:[a-z0-9-]+:\d+:function:|\d+:function:|function:)?(?<name>[A-Za-z0-9_-]+)(?::(?<qualifier>[A-Za-z0-9$_-]+))?$/;

/** The functions of the account: `$LATEST`, published versions, aliases, reserved concurrency. */
export class Registry {
  readonly #functions = new Map<string, FunctionRecord>();
  readonly #random: () => number;

  constructor(models: readonly FunctionModel[], random: () => number) {
    this.#random = random;
    for (const model of models) this.#add(model);
  }

  list(): FunctionRecord[] {
    return [...this.#functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Finds a function by name, ARN or partial ARN; a qualifier may stand in it or beside it. */
  find(reference: string, qualifier?: string): { record: FunctionRecord; qualifier: string | undefined } {
    const match = nameForms.exec(reference)?.groups;
    if (!match)
      throw invalid(`1 validation error detected: Value '${reference}' at 'functionName' is not valid`);
    if (match.qualifier && qualifier && match.qualifier !== qualifier)
      throw invalid("The derived qualifier from the function name does not match the specified qualifier.");
    const record = this.#functions.get(match.name ?? "");
    if (!record) throw notFound(functionArn(match.name ?? reference));
    return { record, qualifier: qualifier ?? match.qualifier };
  }

  /** The version a qualifier stands for now; a weighted alias draws one. */
  version(record: FunctionRecord, qualifier: string | undefined): FunctionVersion {
    if (qualifier === undefined || qualifier === "$LATEST") return record.latest;
    const alias = record.aliases.get(qualifier);
    const found = record.versions.get(alias ? this.#draw(alias) : qualifier);
    if (!found) throw notFound(functionArn(record.name, qualifier));
    return found;
  }

  update(record: FunctionRecord, change: Change): FunctionVersion {
    record.latest = { ...record.latest, ...change, revisionId: randomUUID(), lastModified: timestamp() };
    return record.latest;
  }

  /** Freezes `$LATEST` as a version; the same configuration is not published twice. */
  publish(record: FunctionRecord, description?: string): FunctionVersion {
    const last = [...record.versions.values()].at(-1);
    if (last && sameConfiguration(last, record.latest)) return last;
    const version = String(Number(last?.version ?? 0) + 1);
    const published: FunctionVersion = {
      ...record.latest,
      version,
      description: description ?? record.latest.description,
      revisionId: randomUUID(),
      lastModified: timestamp(),
    };
    record.versions.set(version, published);
    return published;
  }

  setAlias(record: FunctionRecord, alias: Omit<Alias, "revisionId">): Alias {
    for (const version of [alias.version, ...Object.keys(alias.weights)])
      if (version !== "$LATEST" && !record.versions.has(version))
        throw notFound(functionArn(record.name, version));
    const weights = Object.values(alias.weights);
    if (weights.length > 1 || weights.some((w) => !(w >= 0 && w <= 1)))
      throw invalid("An alias routes to at most one further version, with a weight from 0 to 1.");
    if (weights.length > 0 && (alias.version === "$LATEST" || "$LATEST" in alias.weights))
      throw invalid("An alias with routing cannot point to $LATEST.");
    const stored = { ...alias, revisionId: randomUUID() };
    record.aliases.set(alias.name, stored);
    return stored;
  }

  #draw(alias: Alias): string {
    let at = this.#random();
    for (const [version, weight] of Object.entries(alias.weights)) {
      if (at < weight) return version;
      at -= weight;
    }
    return alias.version;
  }

  #add(model: FunctionModel): void {
    const { name, runtime, handler, codeDir, description, memoryMb, timeoutSeconds, environment } = model;
    const record: FunctionRecord = {
      name,
      latest: {
        name,
        version: "$LATEST",
        runtime,
        handler,
        codeDir,
        description,
        memoryMb,
        timeoutSeconds,
        environment,
        revisionId: randomUUID(),
        lastModified: timestamp(),
      },
      versions: new Map(),
      aliases: new Map(),
      reserved: model.reservedConcurrency,
      updating: false,
    };
    this.#functions.set(name, record);
    if (model.autoPublishAlias === undefined) return;
    const { version } = this.publish(record);
    this.setAlias(record, { name: model.autoPublishAlias, version, description: "", weights: {} });
  }
}

const configuration = (v: FunctionVersion): string =>
  JSON.stringify([
    v.runtime,
    v.handler,
    v.codeDir,
    v.memoryMb,
    v.timeoutSeconds,
    Object.entries(v.environment).sort(),
  ]);

const sameConfiguration = (a: FunctionVersion, b: FunctionVersion): boolean =>
  configuration(a) === configuration(b);

/** Lambda's form: milliseconds, and an offset without a colon. */
const timestamp = (): string => new Date().toISOString().replace("Z", "+0000");

const notFound = (arn: string): AwsError =>
  new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404, { Type: "User" });

const invalid = (message: string): AwsError =>
  new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
