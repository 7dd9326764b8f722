import {
  createLicense,
  createProduct,
  createSubstitution,
  listCatalogLicenses as listCatalogLicensesOperation,
  listProducts as listProductsOperation,
  listSubstitutions as listSubstitutionsOperation,
} from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { listCatalogLicenses, listProducts, listSubstitutions } from './catalog-view.ts';
import { addLicense } from './create-license.ts';
import { addProduct } from './create-product.ts';
import { addSubstitution } from './create-substitution.ts';

export const routes: readonly Handler[] = [
  command(createLicense, addLicense),
  command(createProduct, addProduct),
  command(createSubstitution, addSubstitution),
  view(listCatalogLicensesOperation, listCatalogLicenses),
  view(listProductsOperation, listProducts),
  view(listSubstitutionsOperation, listSubstitutions),
];
