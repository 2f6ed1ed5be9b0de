CREATE TABLE usage_events (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  event_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL REFERENCES subscriptions,
  meter text COLLATE "C" NOT NULL,
  quantity numeric(24, 6) NOT NULL CHECK (quantity >= 0),
  occurred_at timestamptz(3) NOT NULL,
  invoice_id text COLLATE "C" REFERENCES invoices,
  voided_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  -- For ever: a voided event keeps its name.
  UNIQUE (account_id, event_id),
  CHECK (voided_at IS NULL OR invoice_id IS NULL)
);
CREATE INDEX usage_events_list ON usage_events (account_id, occurred_at, id) WHERE voided_at IS NULL;
CREATE INDEX usage_events_rating ON usage_events (subscription_id, meter, occurred_at) WHERE voided_at IS NULL;
CREATE INDEX usage_events_invoice ON usage_events (invoice_id) WHERE invoice_id IS NOT NULL;
