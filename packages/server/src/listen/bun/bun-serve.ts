/** What is used of `Bun.serve`; the types of Bun are not needed to build this package. */
export interface BunServer {
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  requestIP(request: Request): { readonly address: string } | null;
  /** Seconds without traffic until the connection of a request is closed; 0 for never. */
  timeout(request: Request, seconds: number): void;
  stop(closeActive?: boolean): Promise<void>;
}

export interface BunServeOptions {
  readonly port?: number;
  readonly hostname?: string;
  readonly unix?: string;
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    readonly ca?: string;
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  readonly idleTimeout: number;
  readonly maxRequestBodySize: number;
  readonly fetch: (request: Request, server: BunServer) => Promise<Response>;
  readonly error: (error: unknown) => Response;
}

/** Undefined where this is not Bun. */
export function bunServe(): ((options: BunServeOptions) => BunServer) | undefined {
  const { Bun } = globalThis as { Bun?: { serve(options: BunServeOptions): BunServer } };
  return Bun === undefined ? undefined : (options) => Bun.serve(options);
}
