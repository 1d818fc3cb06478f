"""What Python's stock clients, `solana` and `solders`, do with a network. Usage: client.py RPC_URL WS_URL"""

import asyncio
import sys

from solana.rpc.api import Client
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Finalized, Processed
from solana.rpc.core import RPCException
from solana.rpc.types import MemcmpOpts, TokenAccountOpts, TxOpts
from solana.rpc.websocket_api import connect
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.rpc.config import RpcTransactionLogsFilterMentions
from solders.rpc.responses import (
    AccountNotification,
    LogsNotification,
    ProgramNotification,
    RootNotification,
    SignatureNotification,
    SlotNotification,
)
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import TransferParams, transfer
from solders.transaction import Transaction, VersionedTransaction
from spl.token.client import Token
from spl.token.constants import TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID

SOL = 1_000_000_000


def pay(payer: Keypair, to: Pubkey, lamports: int):
    return transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=to, lamports=lamports))


def signed(client: Client, payer: Keypair, *instructions) -> VersionedTransaction:
    blockhash = client.get_latest_blockhash(Confirmed).value.blockhash
    return VersionedTransaction(MessageV0.try_compile(payer.pubkey(), instructions, [], blockhash), [payer])


def funded(client: Client, lamports: int) -> Keypair:
    wallet = Keypair()
    signature = client.request_airdrop(wallet.pubkey(), lamports).value
    client.confirm_transaction(signature, Confirmed, sleep_seconds=0.1)
    return wallet


def wallets_and_history(client: Client) -> None:
    payer = funded(client, 100 * SOL)
    to = Pubkey.new_unique()
    assert client.is_connected()
    assert client.get_balance(payer.pubkey(), Confirmed).value == 100 * SOL
    last = client.get_latest_blockhash(Confirmed).value
    old = Transaction([payer], Message.new_with_blockhash([pay(payer, to, SOL)], payer.pubkey(), last.blockhash), last.blockhash)
    signature = client.send_raw_transaction(bytes(old), TxOpts(preflight_commitment=Confirmed)).value
    status = client.confirm_transaction(signature, Confirmed, 0.1, last.last_valid_block_height).value[0]
    assert status is not None and status.err is None
    assert client.get_signature_statuses([signature]).value[0].slot == status.slot

    for encoding in ("json", "jsonParsed", "base64"):
        found = client.get_transaction(signature, encoding, Confirmed, max_supported_transaction_version=0).value
        assert found.slot == status.slot and found.transaction.meta.fee == 5000, encoding
    parsed = client.get_transaction(signature, "jsonParsed", Confirmed, max_supported_transaction_version=0).value
    instruction = parsed.transaction.transaction.message.instructions[0]
    assert instruction.program == "system" and instruction.parsed["info"]["lamports"] == SOL
    assert client.get_signatures_for_address(to, commitment=Confirmed).value[0].signature == signature
    client.confirm_transaction(signature, Finalized, 0.1)
    for encoding in ("json", "jsonParsed", "base64"):
        block = client.get_block(status.slot, encoding, max_supported_transaction_version=0).value
        assert len(block.transactions) >= 1, encoding

    message = signed(client, payer, pay(payer, to, SOL))
    assert client.get_fee_for_message(message.message, Confirmed).value == 5000
    simulated = client.simulate_transaction(message, sig_verify=True, commitment=Confirmed).value
    assert simulated.err is None and simulated.units_consumed == 150
    assert client.send_transaction(message, TxOpts(skip_confirmation=False, preflight_commitment=Confirmed)).value
    try:
        client.send_transaction(signed(client, payer, pay(payer, to, 10**15)), TxOpts(preflight_commitment=Confirmed))
        raise SystemExit("a transfer beyond the balance was taken")
    except RPCException as refused:
        assert any("insufficient lamports" in log for log in refused.args[0].data.logs), refused
    unsigned = VersionedTransaction.populate(message.message, [signature])
    try:
        client.send_transaction(unsigned, TxOpts(preflight_commitment=Confirmed))
        raise SystemExit("a false signature was taken")
    except RPCException as refused:
        assert "SignatureFailure" in str(refused), refused


def network_itself(client: Client) -> None:
    slot = client.get_slot(Processed).value
    leader = client.get_slot_leader(Processed).value
    assert client.get_slot_leaders(slot, 2).value == [leader, leader]
    assert list(client.get_leader_schedule().value) == [leader]
    assert client.get_cluster_nodes().value[0].pubkey == leader
    assert client.get_identity().value.identity == leader
    assert client.get_vote_accounts().value.current[0].node_pubkey == leader
    assert client.get_epoch_info(Processed).value.absolute_slot >= slot
    assert client.get_epoch_schedule().value.slots_per_epoch == 432_000
    assert client.get_blocks(slot - 3, slot - 2).value == [slot - 3, slot - 2]
    assert client.get_block_time(slot - 2).value > 0
    assert client.get_block_height(Processed).value > 0
    assert client.get_first_available_block().value < slot
    assert client.get_minimum_ledger_slot().value < slot
    assert client.get_supply(Processed).value.total > 0
    assert client.get_largest_accounts().value[0].lamports > 0
    assert client.get_inflation_governor().value.terminal == 0
    assert client.get_inflation_rate().value.total == 0
    assert client.get_inflation_reward([leader], commitment=Finalized).value == [None]
    assert client.get_recent_performance_samples(1).value[0].num_slots > 0
    assert client.get_transaction_count(Processed).value > 0
    assert client.get_minimum_balance_for_rent_exemption(165).value == 2_039_280
    assert client.get_version().value.solana_core
    assert client.get_genesis_hash().value is not None
    assert client.get_block_commitment(slot).value.total_stake == 0


def tokens(client: Client, program: Pubkey) -> None:
    payer = funded(client, 10 * SOL)
    token = Token.create_mint(client, payer, payer.pubkey(), 6, program, payer.pubkey(), skip_confirmation=False)
    other = Pubkey.new_unique()
    source = token.create_associated_token_account(payer.pubkey())
    destination = token.create_associated_token_account(other)
    options = TxOpts(skip_confirmation=False, preflight_commitment=Confirmed)
    minted = token.mint_to(source, payer, 5_000_000, opts=options).value
    client.confirm_transaction(minted, Confirmed, 0.1)
    moved = token.transfer_checked(source, destination, payer, 1_500_000, 6, opts=options).value
    client.confirm_transaction(moved, Confirmed, 0.1)
    assert token.get_balance(destination, Confirmed).value.ui_amount_string == "1.5"
    assert token.get_mint_info().supply == 5_000_000
    assert client.get_token_supply(token.pubkey, Confirmed).value.amount == "5000000"
    assert client.get_token_largest_accounts(token.pubkey, Confirmed).value[0].address == source
    by_mint = TokenAccountOpts(mint=token.pubkey)
    held = client.get_token_accounts_by_owner_json_parsed(other, by_mint, Confirmed).value
    assert held[0].account.data.parsed["info"]["tokenAmount"]["amount"] == "1500000"
    assert client.get_token_accounts_by_owner(other, by_mint, Confirmed).value[0].pubkey == destination
    filters = [MemcmpOpts(offset=0, bytes=str(token.pubkey)), MemcmpOpts(offset=32, bytes=str(other))]
    found = client.get_program_accounts(program, Confirmed, "base64", filters=filters).value
    assert [one.pubkey for one in found] == [destination]
    parsed = client.get_account_info_json_parsed(token.pubkey, Confirmed).value
    assert parsed.data.parsed["type"] == "mint", parsed
    transaction = client.get_transaction(moved, "jsonParsed", Confirmed, max_supported_transaction_version=0).value
    instruction = transaction.transaction.transaction.message.instructions[0]
    assert instruction.program == "spl-token" and instruction.parsed["type"] == "transferChecked"
    assert instruction.parsed["info"]["tokenAmount"]["uiAmountString"] == "1.5"
    token.freeze_account(destination, payer, opts=options)
    multiple = client.get_multiple_accounts_json_parsed([destination, Pubkey.new_unique()], Confirmed).value
    assert multiple[0].data.parsed["info"]["state"] == "frozen" and multiple[1] is None


async def asynchronously(rpc_url: str, ws_url: str) -> None:
    async with AsyncClient(rpc_url, Confirmed) as client, connect(ws_url) as websocket:
        payer, to = Keypair(), Pubkey.new_unique()
        airdrop = (await client.request_airdrop(payer.pubkey(), 10 * SOL)).value
        await client.confirm_transaction(airdrop, Confirmed, 0.1)
        blockhash = (await client.get_latest_blockhash()).value.blockhash
        message = MessageV0.try_compile(payer.pubkey(), [pay(payer, to, SOL)], [], blockhash)
        transaction = VersionedTransaction(message, [payer])
        await websocket.account_subscribe(to, Confirmed, "base64")
        await websocket.program_subscribe(SYSTEM_PROGRAM, Confirmed, "base64", data_slice=None)
        await websocket.logs_subscribe(RpcTransactionLogsFilterMentions(to), Confirmed)
        await websocket.signature_subscribe(transaction.signatures[0], Confirmed)
        await websocket.slot_subscribe()
        await websocket.root_subscribe()
        wanted = {
            AccountNotification: lambda one: one.result.value.lamports == SOL,
            ProgramNotification: lambda one: one.result.value.pubkey in (to, payer.pubkey()),
            LogsNotification: lambda one: one.result.value.signature == transaction.signatures[0],
            SignatureNotification: lambda one: one.result.value.err is None,
            SlotNotification: lambda one: one.result.slot > one.result.root,
            RootNotification: lambda one: one.result > 0,
        }
        numbers: list[int] = []
        sent = False
        while wanted:
            for heard in await asyncio.wait_for(websocket.recv(), 20):
                if isinstance(heard, int) or not hasattr(heard, "subscription"):
                    numbers.append(heard.result)
                    if len(numbers) == 6 and not sent:
                        sent = (await client.send_transaction(transaction)).value == transaction.signatures[0]
                        assert sent
                elif type(heard) in wanted and wanted[type(heard)](heard):
                    del wanted[type(heard)]
        await websocket.account_unsubscribe(numbers[0])
        assert (await client.get_balance(to)).value == SOL


def main() -> None:
    rpc_url, ws_url = sys.argv[1:]
    client = Client(rpc_url, Confirmed)
    wallets_and_history(client)
    network_itself(client)
    tokens(client, TOKEN_PROGRAM_ID)
    tokens(client, TOKEN_2022_PROGRAM_ID)
    asyncio.run(asynchronously(rpc_url, ws_url))
    print("ok")


main()
