CREATE TABLE webhooks (
  id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES accounts,
  url text NOT NULL,
  events text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 8),
  description text,
  enabled boolean NOT NULL,
  secret text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX webhooks_list ON webhooks (account_id, created_at, id);

-- The outbox: written by the transaction in which the event happens, sent afterwards.
CREATE TABLE deliveries (
  id text COLLATE "C" PRIMARY KEY,
  -- In which order events happened. Those of one invoice are written under that invoice's row lock.
  sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  event text NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  -- Events of one invoice wait for each other; NULL waits for nothing.
  invoice_id text COLLATE "C",
  body text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  attempts jsonb NOT NULL DEFAULT '[]',
  -- When the next attempt is due; while one is under way, when it counts as lost with its process.
  due_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX deliveries_list ON deliveries (webhook_id, created_at, id);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_order ON deliveries (webhook_id, invoice_id, sequence) WHERE status = 'pending';
