/** Where the emulated account lives. The account number cannot exist on AWS. */
export const ACCOUNT_ID = "000000000000";
export const REGION = "us-east-1";
export const API_ID = "localapi";

export const functionArn = (name: string, qualifier?: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}${qualifier ? `:${qualifier}` : ""}`;
export const tableArn = (name: string): string => `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${name}`;
export const stateMachineArn = (name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT_ID}:stateMachine:${name}`;
export const executionArn = (machine: string, name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT_ID}:execution:${machine}:${name}`;

/** SDKs refuse to send unsigned requests; nothing here verifies a signature. */
export const dummyCredentials = {
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
} as const;
