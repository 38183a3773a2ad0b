import { setTimeout as sleep } from 'node:timers/promises';
import { openFeed } from '../../../../services/changes/open-feed.js';
import type { FeedProcessSetup } from './feed-process.js';
import { changesOf, feedOptions, TASKS } from './feed-room.js';

const { kind, url, ...given } = JSON.parse(process.argv[2] ?? '') as FeedProcessSetup;
const feed = openFeed({ ...feedOptions({ url, changes: changesOf(kind, TASKS) }), ...given });
feed.start();
while (!feed.state().ok) await sleep(20);
process.send?.('hears');
