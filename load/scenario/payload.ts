import type { Variables } from "./template.ts";

/** A CSV file of `config.payload`, as Artillery hands it over: parsed already. */
export interface Payload {
  readonly fields?: readonly string[];
  readonly order?: string;
  readonly loadAll?: boolean;
  readonly name?: string;
  readonly data?: readonly (readonly unknown[])[];
}

/**
 * What the payload files give user number `user`: rows in order and round again, or a random one of each file.
 * Artillery would take the next row whoever comes; here the same seed gives the same user the same row.
 */
export function payloadOf(payloads: readonly Payload[], user: number, random: () => number): Variables {
  const variables: Variables = {};
  for (const { fields = [], order, loadAll, name, data = [] } of payloads) {
    if (loadAll === true && name !== undefined) variables[name] = data;
    else {
      const row = data[order === "sequence" ? user % data.length : Math.floor(random() * data.length)];
      for (const [column, field] of fields.entries()) variables[field] = row?.[column];
    }
  }
  return variables;
}
