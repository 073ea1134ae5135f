/**
 * What no datasource may be at unless the configuration says otherwise: link-local addresses, where clouds give a machine its
 * credentials, and the addresses outside of them that do the same.
 */
export const deniedDatasourceRanges = [
  "169.254.0.0/16",
  "fe80::/10",
  // the same IPv4 range by NAT64 and 6to4
  "64:ff9b::a9fe:0/112",
  "2002:a9fe::/32",
  // metadata of clouds outside of link-local: Amazon's IPv6, Alibaba's, Azure's
  "fd00:ec2::254",
  "100.100.100.200",
  "168.63.129.16",
] as const;
