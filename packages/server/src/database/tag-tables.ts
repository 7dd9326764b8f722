/** Rows of tags and of what carries them. */
export interface TagTables {
  tag_keys: TagKeysTable;
  tag_values: TagValuesTable;
  virtual_account_tags: VirtualAccountTagsTable;
}

interface TagKeysTable {
  account_id: string;
  tag_key_id: string;
  name: string;
  name_key: string;
  created_at: Temporal.Instant;
}

interface TagValuesTable {
  account_id: string;
  tag_value_id: string;
  tag_key_id: string;
  name: string;
  name_key: string;
}

interface VirtualAccountTagsTable {
  account_id: string;
  virtual_account_id: string;
  tag_key_id: string;
  tag_value_id: string;
}
