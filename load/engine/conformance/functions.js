/** What a user's processor may hold: functions with a callback, and async ones. */
export function stamp(request, context, _events, done) {
  request.headers = { ...request.headers, "X-Stamp": `${context.vars.id}` };
  done();
}

export async function choose(context) {
  context.vars.chosen = `c${context.vars.id}`;
}

export function look(request, response, context, events, done) {
  context.vars.looked = `${response.statusCode}-${JSON.parse(response.body).kind}-${response.headers["x-tag"]}`;
  events.emit("counter", "custom.looked", 1);
  done();
}

export function more(context, done) {
  done(context.vars.left > 0);
}

export function reject(_request, _response, _context, _events, done) {
  done(new Error("rejected"));
}
