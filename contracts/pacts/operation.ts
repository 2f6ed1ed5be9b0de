import { matchOperation, type OperationModel } from "../../openapi/model/index.ts";
import type { PactInteraction } from "./types.ts";

/** The operation that an interaction asks for, or the event that a message tells of; undefined: the documents have none. */
export function operationOf(model: OperationModel, interaction: PactInteraction): string | undefined {
  if (interaction.type === "Asynchronous/Messages") return eventOf(interaction);
  return matchOperation(model, interaction.request.method, interaction.request.path)?.id;
}

/** The event that a message's body names. */
export function eventOf({
  contents,
}: Extract<PactInteraction, { type: "Asynchronous/Messages" }>): string | undefined {
  const { type } = (contents.content ?? {}) as { readonly type?: unknown };
  return typeof type === "string" ? type : undefined;
}
