/**
 * Where replays are kept, below `{prefix}:`
 *
 * | `replay:<id>` | hash | what was asked for, its state, and what became of the dead letters it put back |
 * | `replay:<id>:lease` | string | of the process that does the work now |
 * | `replays` | sorted set | all that are remembered, by when they were asked for |
 * | `replays-running` | set | those that work is to be done for |
 * | `replay-counts` | hash | how many replays have come to each state so far |
 *
 * On the job of a delivery: `sl:replay`, the replay that put it back.
 */
export const replayKey = (base: string, id: string): string => `${base}replay:${id}`;
export const leaseKey = (base: string, id: string): string => `${base}replay:${id}:lease`;
export const allReplaysKey = (base: string): string => `${base}replays`;
export const runningReplaysKey = (base: string): string => `${base}replays-running`;
export const replayCountsKey = (base: string): string => `${base}replay-counts`;
