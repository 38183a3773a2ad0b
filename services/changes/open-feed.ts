import type { ChangeFeed } from './change-feed.js';
import type { FeedOptions } from './feed-options.js';
import { openLogicalFeed } from './logical/logical-feed.js';
import { openNotifyFeed } from './notify/notify-feed.js';
import { openPollFeed } from './poll/poll-feed.js';

const OPENERS: Readonly<Record<ChangeFeed['kind'], (options: FeedOptions) => ChangeFeed>> = {
  logical: openLogicalFeed,
  notify: openNotifyFeed,
  poll: openPollFeed,
};

/** The feed that a source declares, not started yet. */
export function openFeed(options: FeedOptions): ChangeFeed {
  return OPENERS[options.changes.feed](options);
}
