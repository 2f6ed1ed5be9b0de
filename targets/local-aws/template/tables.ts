import type { IndexModel, KeyElement, TableModel } from "./model.ts";
import { properties, type Reader, type Resource } from "./resource.ts";
import type { Shape } from "./shape.ts";

const read = [
  "AttributeDefinitions",
  "BillingMode",
  "GlobalSecondaryIndexes",
  "KeySchema",
  "LocalSecondaryIndexes",
  "TableName",
  "TimeToLiveSpecification",
];
const ignored = [
  "ContributorInsightsSpecification",
  "DeletionProtectionEnabled",
  "KinesisStreamSpecification",
  "PointInTimeRecoverySpecification",
  "ProvisionedThroughput",
  "SSESpecification",
  "TableClass",
  "Tags",
];

/** Reads one `AWS::DynamoDB::Table`. */
export function readTable(resource: Resource, reader: Reader): TableModel {
  const props = properties(resource, reader, read, ignored);
  const ttl = props.map("TimeToLiveSpecification");
  return {
    id: resource.id,
    name: resource.name("TableName"),
    attributes: props.shapes("AttributeDefinitions").map((a) => ({
      AttributeName: a.text("AttributeName"),
      AttributeType: a.text("AttributeType"),
    })),
    keySchema: readKeys(props),
    localIndexes: props.shapes("LocalSecondaryIndexes").map(readIndex),
    globalIndexes: props.shapes("GlobalSecondaryIndexes").map(readIndex),
    ttlAttribute: String(ttl.value.Enabled) === "true" ? ttl.text("AttributeName") : undefined,
  };
}

const readKeys = (shape: Shape): KeyElement[] =>
  shape.shapes("KeySchema").map((key) => {
    const type = key.text("KeyType");
    if (type !== "HASH" && type !== "RANGE") throw key.fault("KeyType", "must be HASH or RANGE");
    return { AttributeName: key.text("AttributeName"), KeyType: type };
  });

function readIndex(index: Shape): IndexModel {
  index.allow(["IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput"]);
  const projection = index.map("Projection");
  const attributes = projection.list("NonKeyAttributes").map(String);
  return {
    IndexName: index.text("IndexName"),
    KeySchema: readKeys(index),
    Projection: {
      ProjectionType: projection.text("ProjectionType"),
      ...(attributes.length > 0 && { NonKeyAttributes: attributes }),
    },
  };
}
