export {
  allSubstitutions,
  type CatalogLicense,
  type CatalogProduct,
  findProducts,
  knownSkus,
  licensesByTag,
  productsGranting,
} from './catalog-facts.ts';
