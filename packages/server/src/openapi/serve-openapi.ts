import type { App } from '../app/app.ts';
import { json, type Reply } from '../reply/reply.ts';
import { describeApp } from './describe-app.ts';
import type { OpenApiOptions, OpenApiWarning } from './openapi-options.ts';

export interface ServeOpenApiOptions extends OpenApiOptions {
  /** Told of each warning, once; the process's `warning` event unless given. */
  readonly onWarning?: (warning: OpenApiWarning) => void;
}

/**
 * Answers GET at `path` with the document of the whole application: of every route there is when it starts, and made once.
 * What is refused (OpenApiError) keeps the application from starting, however it is asked.
 */
export function serveOpenApi(
  app: Pick<App, 'get' | 'routes' | 'on'>,
  path: string,
  options: ServeOpenApiOptions,
): void {
  const { onWarning = emitWarning } = options;
  let reply: Reply | null = null;
  const make = (): Reply => {
    if (reply !== null) return reply;
    const { document, warnings } = describeApp(app, options);
    for (const warning of warnings) onWarning(warning);
    return (reply = json(document));
  };
  app.on('ready', () => void make());
  app.get(path, { isHidden: true }, make);
}

function emitWarning({ message, where }: OpenApiWarning): void {
  process.emitWarning(`${message} (${where})`, { code: 'NEEDLETAIL_OPENAPI' });
}
