import type { LocatedSchema, OperationModel } from "../../openapi/model/index.ts";

interface Webhook {
  readonly post?: {
    readonly requestBody?: {
      readonly content?: Record<string, { readonly schema?: LocatedSchema["value"] }>;
    };
  };
}

/** The bodies of the events that the documents name under `webhooks` (OpenAPI 3.1, 4.8.1), by event. */
export function eventsOf(model: OperationModel): ReadonlyMap<string, LocatedSchema> {
  const found = new Map<string, LocatedSchema>();
  for (const { file, root } of model.documents.values())
    for (const [event, webhook] of Object.entries((root.webhooks ?? {}) as Record<string, Webhook>)) {
      const [type, media] = Object.entries(webhook.post?.requestBody?.content ?? {})[0] ?? [];
      if (type === undefined || media?.schema === undefined) continue;
      const step = type.replaceAll("~", "~0").replaceAll("/", "~1");
      const pointer = `/webhooks/${event}/post/requestBody/content/${step}/schema`;
      found.set(event, { file, pointer, value: media.schema });
    }
  return found;
}
