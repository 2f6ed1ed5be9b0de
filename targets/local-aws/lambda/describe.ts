import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCOUNT_ID, functionArn } from "../identity.ts";
import type { Alias, FunctionRecord } from "./registry.ts";
import type { FunctionVersion } from "./types.ts";

const digests = new Map<string, { sha256: string; bytes: number }>();

/** SHA-256 over names and contents of a code folder. Lambda takes it over the zip file, so the two differ. */
function codeDigest(codeDir: string): { sha256: string; bytes: number } {
  const known = digests.get(codeDir);
  if (known) return known;
  const hash = createHash("sha256");
  let bytes = 0;
  const files = readdirSync(codeDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const content = readFileSync(file);
    bytes += content.length;
    hash.update(file.slice(codeDir.length)).update("\0").update(content);
  }
  const digest = { sha256: hash.digest("base64"), bytes };
  digests.set(codeDir, digest);
  return digest;
}

/** `FunctionConfiguration` of the Lambda API. */
export function describeVersion(record: FunctionRecord, version: FunctionVersion): Record<string, unknown> {
  const code = codeDigest(version.codeDir);
  const latest = version.version === "$LATEST";
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(record.name, latest ? undefined : version.version),
    Runtime: version.runtime,
    Role: `arn:aws:iam::${ACCOUNT_ID}:role/local`,
    Handler: version.handler,
    CodeSize: code.bytes,
    CodeSha256: code.sha256,
    Description: version.description,
    Timeout: version.timeoutSeconds,
    MemorySize: version.memoryMb,
    LastModified: version.lastModified,
    Version: version.version,
    Environment: { Variables: version.environment },
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: version.revisionId,
    State: "Active",
    LastUpdateStatus: latest && record.updating ? "InProgress" : "Successful",
    PackageType: "Zip",
    Architectures: [process.arch === "arm64" ? "arm64" : "x86_64"],
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${record.name}` },
  };
}

/** `AliasConfiguration` of the Lambda API. */
export function describeAlias(record: FunctionRecord, alias: Alias): Record<string, unknown> {
  return {
    AliasArn: functionArn(record.name, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(Object.keys(alias.weights).length > 0 && {
      RoutingConfig: { AdditionalVersionWeights: alias.weights },
    }),
  };
}
