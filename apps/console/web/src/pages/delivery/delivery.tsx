import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import '../../style-data.css';
import { BodyPanel } from './body-panel.tsx';
import { DeathPanel } from './death-panel.tsx';
import { DeliveryActions } from './delivery-actions.tsx';
import { Edits } from './edits.tsx';
import { EventPanel } from './event-panel.tsx';
import { Facts } from './facts.tsx';
import { Timeline } from './timeline.tsx';
import { useDelivery, useRevealing } from './use-delivery.ts';

/** All that is known of one delivery, and what can be done with it. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const masked = useDelivery(id);
  const revealing = useRevealing(id);
  const delivery = masked.data;
  if (!delivery) {
    return (
      <Page title="Delivery">
        <p className="mono">{id}</p>
        {masked.isPending ? <Loading /> : <Trouble error={masked.error} />}
      </Page>
    );
  }
  const shown = revealing.isShown && revealing.delivery ? revealing.delivery : delivery;
  return (
    <Page title={`Delivery ${id}`}>
      <Trouble error={masked.error} />
      <DeliveryActions delivery={delivery} revealing={revealing} />
      <Facts delivery={shown} />
      {delivery.death && <DeathPanel death={delivery.death} />}
      <div className="columns">
        <BodyPanel delivery={shown} revealing={revealing} />
        <EventPanel delivery={delivery} />
      </div>
      <Timeline delivery={delivery} />
      {shown.edits.length > 0 && <Edits delivery={shown} />}
    </Page>
  );
}
