export { connectWebSocket } from './websocket/connect.ts';
export { WebSocketConnection } from './websocket/websocket-connection.ts';
export type { CloseInfo } from './websocket/close-wait.ts';
export type { WebSocketMessage } from './websocket/message-inbox.ts';
export type { WebSocketCompression, WebSocketOptions } from './websocket/websocket-options.ts';
export {
  reconnectingWebSocket,
  type ReconnectingWebSocket,
  type ReconnectOptions,
} from './websocket/reconnect.ts';
export { WebSocketError } from './errors.ts';
