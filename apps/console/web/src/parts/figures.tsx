import type { ReactNode } from 'react';

/** Figures with their names, the name above. */
export function Figures({ all }: { readonly all: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="figures">
      {all.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
