import type { Scene } from './scene.ts';

/** Takes an entry from the sandbox's ledger as the oracle reads it, which has to see that. */
export function dropOne(scene: Scene): void {
  const { sandbox } = scene.pipeline;
  scene.commits = {
    ledger: sandbox.ledger,
    delivered: async () => new Map([...(await sandbox.delivered())].slice(1)),
  };
}
