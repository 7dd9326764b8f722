import { listCatalogLicenses } from '@estover/protocol';
import { useState } from 'react';
import { useOperation } from '../../api.ts';
import { shortTag } from '../../format.ts';
import { RemoteSelect } from '../../parts/RemoteSelect.tsx';

interface CatalogLicenseSelectProps {
  label: string;
  value: string | null;
  onChange: (tag: string | null) => void;
  error?: string | undefined;
}

/** A field for one license of the catalog, by its tag. */
export function CatalogLicenseSelect(props: CatalogLicenseSelectProps) {
  const [search, setSearch] = useState<string>();
  const { data } = useOperation(listCatalogLicenses, { query: { limit: 50, search } });
  return (
    <RemoteSelect
      {...props}
      placeholder="Name or tag"
      choices={(data?.items ?? []).map(({ tag, name }) => ({
        value: tag,
        label: `${name} · ${shortTag(tag)}`,
      }))}
      onSearch={setSearch}
    />
  );
}
