import { type AccountRole, provisionedDomains } from '@estover/domain/access';
import { getProvisioning } from '@estover/protocol';
import { sql } from 'kysely';
import { view } from '../../edge/operation.ts';
import { requireAccountReach } from '../scope.ts';
import { accountForProvisioning } from './account-for-provisioning.ts';
import { listProvisioningClients } from './provisioning-clients-store.ts';

const mostGroups = 200;
const mostClients = 50;

/** How an account's identity provider keeps its people. It concerns all of them, so part of the account is not enough. */
export const getProvisioningHandler = view(getProvisioning, async (context, { params }) => {
  const { accountId } = params;
  const { trx, installation } = context;
  requireAccountReach(context, 'manage-people');
  const account = await accountForProvisioning(trx, accountId);
  const groups = await sql<{ groupId: string; name: string; role: AccountRole; people: number }>`
    select g.group_id as "groupId", g.name, g.role,
           (select count(*) from group_people p where p.account_id = g.account_id and p.group_id = g.group_id) as people
      from groups g where g.account_id = ${accountId} and g.provisioned
     order by g.name_key limit ${mostGroups}`.execute(trx);
  const clients = await listProvisioningClients(trx, accountId, mostClients);
  return {
    baseUrl: `${installation.publicUrl}/scim/v2/accounts/${accountId}`,
    mailDomains: provisionedDomains(account),
    groups: groups.rows,
    clients: clients.map((client) => ({
      ...client,
      lastRequestAt: client.lastRequestAt.toString(),
      lastErrorAt: client.lastErrorAt?.toString() ?? null,
    })),
  };
});
