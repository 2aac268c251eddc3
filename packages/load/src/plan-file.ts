export { parsePlanFile } from './plan/parse-plan-file.ts';
export { readFeed } from './source/read-feed.ts';
export type { FeedFormat } from './source/read-feed.ts';
