import { checkedCount } from '../model/invalid-option.ts';
import { appendQuery } from '../model/params.ts';
import type { BatchClient, BatchRequest } from './batch-client.ts';
import { gather, type GatherOptions } from './gather.ts';

/** Every other option of a request holds for each page. */
export interface GatherPagesOptions
  extends Omit<GatherOptions, 'onError'>, Omit<BatchRequest, 'url' | 'signal'> {
  /** Pages to fetch, `startPage` included. */
  readonly totalPages: number;
  /** Query parameter that holds the number; `page` unless set. */
  readonly pageParam?: string;
  /** 1 unless set. */
  readonly startPage?: number;
}

/** Fetches numbered pages side by side and resolves with them in order; the first error cancels the others. */
export async function gatherPages<Response>(
  client: BatchClient<Response>,
  url: string | URL,
  options: GatherPagesOptions,
): Promise<Response[]> {
  const { totalPages, pageParam = 'page', startPage = 1, concurrency, ...others } = options;
  const { signal, onProgress, ...request } = others;
  checkedCount('totalPages', totalPages, 0);
  checkedCount('startPage', startPage, 0);
  const requests = Array.from({ length: totalPages }, (_, index) => {
    const query = `${encodeURIComponent(pageParam)}=${startPage + index}`;
    return { ...request, url: appendQuery(String(url), query) };
  });
  return gather(client, requests, {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
