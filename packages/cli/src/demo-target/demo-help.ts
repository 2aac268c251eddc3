export const MOST_DELAY_MS = 60_000;
export const MOST_SIZE_BYTES: number = 64 * 1024 * 1024;

/** What `GET /help` says. */
export const HELP: string = `Paths of the demo target

GET  /  /json         {"message":"hello, world"}
GET  /text            hello, world
GET  /users/:id       a small JSON object
GET  /delay/:ms       answers after that many milliseconds (0 to ${MOST_DELAY_MS})
GET  /size/:bytes     a body of that size (0 to ${MOST_SIZE_BYTES})
GET  /status/:code    answers with that status (200 to 599)
GET  /flaky/:percent  503 for that share of the requests, the same ones for the same seed
GET  /slow            a body that takes a second to arrive
GET  /chunked         a body in chunks
POST /echo            the body back (PUT too)
GET  /broken/:how     reset, truncate, garbage or hang
GET  /help            this text

HEAD works wherever GET does.
`;
