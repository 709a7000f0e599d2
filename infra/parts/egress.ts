import { CfnOutput, type Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  NatProvider,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';

/** Where functions run so that they leave from the fixed address; tokens of the shared stack. */
export interface Egress {
  vpcId: string;
  availabilityZones: string[];
  privateSubnetIds: string[];
}

/** One NAT gateway with one address of our own: what a vendor puts on its list. About $33 a month and $0.045 a GB. */
export function addFixedEgress(stack: Stack): Egress {
  const address = new CfnEIP(stack, 'EgressAddress', { domain: 'vpc' });
  const vpc = new Vpc(stack, 'Egress', {
    maxAzs: 2,
    natGateways: 1,
    natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [address.attrAllocationId] }),
    subnetConfiguration: [
      { name: 'out', subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
      { name: 'functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
    ],
    // Sync state does not pass, or pay for, the NAT gateway.
    gatewayEndpoints: { dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs() } },
  });
  new CfnOutput(stack, 'EgressIp', {
    value: address.attrPublicIp,
    description: 'Tell vendors to allow this',
  });
  return {
    vpcId: vpc.vpcId,
    availabilityZones: vpc.availabilityZones,
    privateSubnetIds: vpc.privateSubnets.map((subnet) => subnet.subnetId),
  };
}
