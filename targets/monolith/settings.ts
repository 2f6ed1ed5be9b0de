/** What the process is told by its environment. */
export interface Settings {
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly allowLoopbackWebhooks: boolean;
  /** End when standard input does: whoever started us is gone. */
  readonly exitWithStdin: boolean;
}

/** @throws Error naming the variable that is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { DATABASE_URL, PORT = "3000", HOST = "127.0.0.1" } = env;
  if (!DATABASE_URL) throw new Error("DATABASE_URL must be set");
  if (!/^[0-9]{1,5}$/.test(PORT) || Number(PORT) > 65_535)
    throw new Error(`PORT must be 0 to 65535, got ${PORT}`);
  return {
    databaseUrl: DATABASE_URL,
    host: HOST,
    port: Number(PORT),
    allowLoopbackWebhooks: env.ALLOW_LOOPBACK_WEBHOOKS === "true",
    exitWithStdin: env.EXIT_WITH_STDIN === "1",
  };
}
