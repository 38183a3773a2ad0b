import { LoadShedder } from './load-shedder.js';

/** Turns nobody away: where no event loop is watched, as in a simulation. */
export const openDoor = new LoadShedder({ pressure: { isHigh: false }, shed: () => {} });
