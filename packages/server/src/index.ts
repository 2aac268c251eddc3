export type { ServerRequest, ServerReply, Dispatch, Listening, ListenOptions } from './listen/exchange.ts';
