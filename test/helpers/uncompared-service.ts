// The command `dashcache` in a process that compares no generations.
import { turnComparisonOff } from './comparison-off.js';

turnComparisonOff();
await import('../../cli/dashcache.js');
