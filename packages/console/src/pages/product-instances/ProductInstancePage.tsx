import { getProductInstance } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count, formatPath, formatRelative } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import styles from './InstanceDetail.module.css';
import {
  InstanceActions,
  InstanceContact,
  InstanceEvents,
  InstanceFacts,
  InstanceLicenses,
  InstanceUsageChanges,
} from './InstanceDetail.tsx';
import { instanceStates, type ProductInstance } from './instance-words.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/product-instances/$instanceId');

function sentenceOf(instance: ProductInstance): string {
  const where = formatPath(instance.virtualAccountPath);
  if (instance.state !== 'registered') {
    return `${instanceStates[instance.state].label}; it was in ${where}.`;
  }
  const uses = instance.usage.length === 0 ? 'no license' : count(instance.usage.length, 'license');
  const spoke =
    instance.lastContactAt === null
      ? 'never heard of since'
      : `last heard of ${formatRelative(instance.lastContactAt)}`;
  return `In ${where}, uses ${uses}, ${spoke}.`;
}

/** One product instance with everything that is known of it. */
export default function ProductInstancePage() {
  const { instanceId } = route.useParams();
  const { accountId } = useAccount();
  const { data, error, refetch } = useOperation(getProductInstance, { params: { accountId, instanceId } });
  const back = { to: paths.productInstances(accountId), label: 'Product instances' };
  if (data === undefined) {
    return (
      <>
        <PageHead title="Product instance" back={back} />
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  const { productInstance: instance, usageChanges, events } = data;
  return (
    <>
      <PageHead
        title={instance.displayName}
        sentence={sentenceOf(instance)}
        back={back}
        actions={<InstanceActions instance={instance} />}
      />
      <div className={styles.grid}>
        <div className={styles.stack}>
          <Card title="Identity">
            <InstanceFacts instance={instance} />
          </Card>
          <Card title="Contact">
            <InstanceContact instance={instance} />
          </Card>
        </div>
        <div className={styles.stack}>
          <Card title="Licenses in use">
            <InstanceLicenses instance={instance} />
          </Card>
          <Card title="Changes of use">
            <InstanceUsageChanges changes={usageChanges} />
          </Card>
          <Card title="Events">
            <InstanceEvents instance={instance} events={events} />
          </Card>
        </div>
      </div>
    </>
  );
}
