import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";

/** What the state machine is started with; `finalize.asl.json` branches on `kind`. */
export type ExecutionInput =
  | {
      readonly kind: "finalize" | "void";
      readonly accountId: string;
      /** The invoice, whose id is also the group of its deliveries. */
      readonly group: string;
      /** The revision that the starter has read and means to change. */
      readonly revision: number;
      readonly execution: string;
    }
  | {
      readonly kind: "notify";
      readonly accountId: string;
      readonly group: string;
      /** An event that the starter means to commit. */
      readonly eventId: string;
      readonly execution: string;
    };

const client = new SFNClient({});

/**
 * Starts the workflow. Always called **before** the write it serves: a committed change is then never without its
 * execution, and an execution whose change never comes makes sure of that and ends.
 * The name makes a repeated call (the SDK retries) start it once.
 */
export async function startExecution(input: ExecutionInput): Promise<void> {
  await client.send(
    new StartExecutionCommand({
      stateMachineArn: process.env.FINALIZE_STATE_MACHINE_ARN,
      name: input.execution,
      input: JSON.stringify(input),
    }),
  );
}
