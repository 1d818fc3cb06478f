/**
 * What a CONNECT through a head's tunnel names to reach the dashboard of the head's Ray. An IPv4 address there is a Ray
 * node of its cluster: the HTTP port, which serves that node's log files.
 */
export const RAY_DASHBOARD = "ray-dashboard";
