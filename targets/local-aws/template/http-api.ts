import type { RouteEvent } from "./functions.ts";
import { resolve } from "./intrinsics.ts";
import type { AuthorizerModel, HttpApiModel, RouteModel } from "./model.ts";
import { properties, type Reader, type Resource } from "./resource.ts";
import { Shape } from "./shape.ts";

const read = ["Auth", "StageName"];
const ignored = ["AccessLogSettings", "DefaultRouteSettings", "Description", "Name", "PropagateTags", "Tags"];

/** The longest an HTTP API waits for a function. */
const MAX_TIMEOUT_MS = 30_000;

/** Reads the `AWS::Serverless::HttpApi` and the routes its functions ask for. */
export function readHttpApi(resource: Resource, events: readonly RouteEvent[], reader: Reader): HttpApiModel {
  const props = properties(resource, reader, read, ignored);
  if (props.has("StageName") && props.text("StageName") !== "$default")
    throw props.fault("StageName", "only $default is supported on this machine");
  const auth = props.map("Auth");
  auth.allow(["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"]);
  const authorizers = new Map(
    auth
      .map("Authorizers")
      .entries()
      .map(([name, shape]) => [name, readAuthorizer(name, shape)]),
  );
  const byName = (name: unknown, at: Shape): AuthorizerModel | undefined => {
    if (name === undefined || name === "NONE") return undefined;
    const found = authorizers.get(String(name));
    if (!found) throw at.fault("Authorizer", `no authorizer "${String(name)}"`);
    return found;
  };
  const routes = events.map((event): RouteModel => {
    const shape = new Shape(resolve(event.shape.value, reader.scope, event.shape.path), event.shape.path);
    shape.allow(["ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis"]);
    if (shape.number("PayloadFormatVersion", 2) !== 2)
      throw shape.fault("PayloadFormatVersion", "only 2.0 is supported on this machine");
    const routeAuth = shape.map("Auth");
    routeAuth.allow(["Authorizer"]);
    return {
      // SAM: without a path the event takes all that no other route takes.
      path: shape.text("Path", "$default"),
      method: shape.text("Method", "ANY").toUpperCase().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY"),
      functionName: event.functionName,
      qualifier: event.qualifier,
      authorizer: byName(routeAuth.value.Authorizer ?? auth.value.DefaultAuthorizer, routeAuth),
      timeoutMs: Math.min(shape.number("TimeoutInMillis", MAX_TIMEOUT_MS), MAX_TIMEOUT_MS),
    };
  });
  return { id: resource.id, routes };
}

/** Only a Lambda authorizer of format 2.0 with simple responses and no cache. */
function readAuthorizer(name: string, shape: Shape): AuthorizerModel {
  shape.allow(
    ["AuthorizerPayloadFormatVersion", "EnableSimpleResponses", "FunctionArn", "Identity"],
    ["EnableFunctionDefaultPermissions", "FunctionInvokeRole"],
  );
  if (shape.number("AuthorizerPayloadFormatVersion") !== 2)
    throw shape.fault("AuthorizerPayloadFormatVersion", "only 2.0 is supported on this machine");
  if (String(shape.value.EnableSimpleResponses) !== "true")
    throw shape.fault("EnableSimpleResponses", "only simple responses are supported on this machine");
  const identity = shape.map("Identity");
  identity.allow(["Headers", "QueryStrings", "ReauthorizeEvery"]);
  if (identity.number("ReauthorizeEvery", 0) !== 0)
    throw identity.fault("ReauthorizeEvery", "the authorizer cache is not supported on this machine; use 0");
  return {
    name,
    functionName: shape.text("FunctionArn").split(":")[6] ?? "",
    identitySources: [
      ...identity.list("Headers").map((header) => `$request.header.${String(header)}`),
      ...identity.list("QueryStrings").map((key) => `$request.querystring.${String(key)}`),
    ],
  };
}
