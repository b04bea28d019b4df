import { Link } from 'wouter';
import { Page } from '../parts/page.tsx';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        <Link href="/">Back to the overview</Link>
      </p>
    </Page>
  );
}
