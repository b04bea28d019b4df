import { Link } from 'wouter';
import { filterParams } from '../../view/filter.ts';

/** Says why there is nothing, and where there may be something. */
export function NoLetters({ params }: { readonly params: URLSearchParams }) {
  const isDiscarded = params.get('among') === 'discarded';
  if (filterParams(params).size > 0) {
    return (
      <p>
        No {isDiscarded ? 'discarded' : 'dead'} letter fits these filters. What was replayed, restored or
        deleted is here no more.{' '}
        <Link href={isDiscarded ? '/dead-letters?among=discarded' : '/dead-letters'}>Show all</Link>, or find
        a delivery by its id above.
      </p>
    );
  }
  if (params.has('cursor')) {
    return (
      <p>
        This page is empty by now. <Link href="/dead-letters">Back to the first</Link>
      </p>
    );
  }
  return isDiscarded ? (
    <p>Nothing was discarded within the last day. Whatever is can be restored from here for a day.</p>
  ) : (
    <p>
      There are no dead letters. <Link href="/dead-letters?among=discarded">Look among the discarded</Link>,
      or at the <Link href="/replays">replays</Link> that put some back.
    </p>
  );
}
