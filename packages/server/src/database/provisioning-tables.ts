/* Rows of what identity providers say about people (SCIM); see `tables.ts` for how values are read. */

export interface ProvisionedPeopleTable {
  account_id: string;
  person_id: string;
  external_id: string | null;
  active: boolean;
  given_name: string | null;
  family_name: string | null;
  formatted_name: string | null;
  display_name: string | null;
  created_at: Temporal.Instant;
  updated_at: Temporal.Instant;
}

export interface DeactivatedGroupPeopleTable {
  account_id: string;
  group_id: string;
  person_id: string;
}

export interface ProvisioningClientsTable {
  account_id: string;
  api_key_id: string;
  last_request: string;
  last_request_at: Temporal.Instant;
  last_error: string | null;
  last_error_at: Temporal.Instant | null;
}

export interface ProvisioningTables {
  provisioned_people: ProvisionedPeopleTable;
  deactivated_group_people: DeactivatedGroupPeopleTable;
  provisioning_clients: ProvisioningClientsTable;
}
