import { serve } from "../../lib/http.ts";
import { once } from "../../lib/idempotency.ts";
import { draftInvoice } from "./draft.ts";
import { finalizeInvoice } from "./finalize.ts";
import { addInvoiceLine } from "./lines.ts";
import { voidInvoice } from "./void.ts";

export const handler = serve({ draftInvoice, addInvoiceLine, finalizeInvoice, voidInvoice }, once);
