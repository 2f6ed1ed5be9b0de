import { serve } from "../../lib/http.ts";
import { once } from "../../lib/idempotency.ts";
import { createPayment } from "./pay.ts";
import { refundPayment } from "./refund.ts";

export const handler = serve({ createPayment, refundPayment }, once);
