import { ACCOUNT_ID, API_ID, functionArn, REGION, stateMachineArn, tableArn } from "../identity.ts";

/** CloudFormation appends a random suffix to the names it makes; here a name without one is its logical id. */
export function nameOf(id: string, _key: string, given: unknown): string {
  return given === undefined ? id : String(given);
}

type NameOf = (key: string) => string;

/** What `Ref` of a resource gives. */
export function referenceTo(id: string, type: string | undefined, name: NameOf): unknown {
  switch (type) {
    case "AWS::Serverless::Function":
      return name("FunctionName");
    case "AWS::DynamoDB::Table":
      return name("TableName");
    case "AWS::Serverless::StateMachine":
      return stateMachineArn(name("Name"));
    case "AWS::Serverless::HttpApi":
      return API_ID;
    default:
      return type === undefined ? undefined : id;
  }
}

/** What `Fn::GetAtt` of a resource gives; undefined for what is not known. */
export function attributeOf(id: string, type: string | undefined, attribute: string, name: NameOf): unknown {
  switch (`${type}.${attribute}`) {
    case "AWS::Serverless::Function.Arn":
      return functionArn(name("FunctionName"));
    case "AWS::DynamoDB::Table.Arn":
      return tableArn(name("TableName"));
    case "AWS::Serverless::StateMachine.Arn":
      return stateMachineArn(name("Name"));
    case "AWS::Serverless::StateMachine.Name":
      return name("Name");
    case "AWS::IAM::Role.Arn":
      return `arn:aws:iam::${ACCOUNT_ID}:role/${id}`;
    case "AWS::Logs::LogGroup.Arn":
      return `arn:aws:logs:${REGION}:${ACCOUNT_ID}:log-group:${id}:*`;
    default:
      return undefined;
  }
}
