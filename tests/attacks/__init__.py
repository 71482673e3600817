"""Attacks that once worked, and what became of them; and bad input that the committee meets.

Each line names the test that makes the attack, or hands in the bad input, and shows who notices it
(test_tables.py holds the names to what there is). What each check stops alone: test_planted.py.

The operator of the server

    phones are shown one list, trustees another
        attacks/test_operator::test_a_second_box_is_opened_by_no_trustee
    one person's vote is singled out and opened
        attacks/test_operator::test_a_second_box_is_opened_by_no_trustee
    the whole result is forged, phones honest
        attacks/test_operator::test_a_second_box_is_opened_by_no_trustee
    the same before the committee has sealed
        attacks/test_operator::test_a_list_of_the_operators_own_is_sealed
    the same before it has signed the close
        attacks/test_operator::test_a_ballot_is_dropped_before_the_committee_looks
    two groups of trustees open two totals, by keys that remember
        attacks/test_operator::test_a_second_box_is_opened_by_no_trustee
    two groups of trustees open two totals, in any order
        crypto/test_committee_model::test_one_list_is_counted_and_nothing_else_is_opened
    half of a committee opens the totals
        admin/cli/test_trustee::test_half_of_a_committee
    a ballot is lost, the close in order
        attacks/test_insiders::test_a_box_that_lost_a_ballot_is_convicted_by_its_promise
    ballots in the place of people on paper
        attacks/test_stuffing::test_ballots_in_the_place_of_people_who_vote_on_paper
    the same, in the record
        crypto/test_evidence::test_paper_beyond_the_people
    votes for people whose letters it printed
        attacks/test_letters::test_nobody_who_has_collected_is_voted_for
    links people by letters and a backup
        attacks/test_letters::test_nobody_who_has_collected_is_linked

Codes that people compare

    a closing code of 40 bits, by collision
        attacks/test_codes::test_a_list_that_is_varied_until_the_codes_agree
    a definition with the same first group
        attacks/test_codes::test_a_code_that_agrees_in_its_first_group

A stranger on the network

    order of check-in from the public list
        attacks/test_strangers::test_nobody_is_shown_who_has_checked_in
    who has voted, from unsigned ballots
        attacks/test_strangers::test_no_probe_tells_who_has_voted
    junk keeps the close from coming
        attacks/test_strangers::test_junk_does_not_keep_the_vote_open
    half-sent requests take all places
        attacks/test_strangers::test_half_a_request_keeps_nobody_out
    streams take the hall screen's place
        attacks/test_strangers::test_streams_of_a_stranger_leave_the_hall_screen_its_own
    junk that costs the server the most
        attacks/test_strangers::test_junk_never_comes_to_the_workers
    many tokens, many ballots at once
        attacks/test_races::test_many_ballots_of_one_credential
    the copy of another's ballot
        attacks/test_races::test_the_copy_of_a_ballot
    a ballot at the very end
        storage/test_races::test_no_ballot_slips_past_the_close
    calls in another's role, too early, too late
        bot/web/test_refusals::test_refusal

Whoever gets the disk

    order and pairs from books and logs
        attacks/test_unlinkable::test_nothing_pairs_a_person_with_a_ballot
    order from how the rewritten file came to be
        storage/test_traces::test_two_orders_leave_the_same_file
    the write-ahead log in free blocks
        storage/test_traces::test_the_log_is_overwritten_before_it_is_cut_off
    a backup made while votes are cast
        admin/office/test_backup::test_two_orders_give_the_same_backup
    a session that was cancelled
        admin/lifecycle/test_forgetting::test_a_cancelled_session_is_forgotten
    a session that failed
        admin/lifecycle/test_forgetting::test_a_failed_session_is_forgotten_again

People with roles

    a wrong share whose proof holds
        attacks/test_shares::test_a_wrong_share_beside_enough_right_ones
    a wrong share that stops the publication
        attacks/test_shares::test_a_wrong_share_where_it_is_needed
    decrypt without code, head count, ballots
        admin/cli/test_trustee_decrypt::test_a_script_says_all_that_the_room_knows
    one chair's code for many accounts
        storage/test_roles::test_one_account_for_each_holder_of_a_role
    an earlier chair's code after a new one
        storage/test_roles::test_an_ended_code_takes_its_account_and_login_along
    a name that is a formula, on the roster
        admin/cli/test_session::test_a_name_is_checked_as_the_import_checks_it
    a name that is a formula, in papers
        admin/test_spreadsheets::test_no_cell_of_a_csv_is_calculated
    a name that is a formula, in workbooks
        admin/test_spreadsheets::test_no_cell_of_a_workbook_is_calculated
    a name that is a command of the typesetter
        admin/documents/test_chart::test_a_name_is_never_a_command

Bad input around the committee: each is refused or alarms by name, and says whether votes count

    a trustee signs twice
        crypto/test_keyfile::test_second_of_a_moment
    the same, at the server
        admin/lifecycle/test_signing::test_nothing_is_signed_twice_or_at_another_moment
    a trustee signs another's list
        admin/lifecycle/test_signing::test_a_signature_that_does_not_hold_is_refused_and_not_counted
    a salt that does not match, in a record
        crypto/test_evidence_checkpoints::test_salt_that_a_trustee_had_not_committed_to
    a salt that does not match, on a phone
        browser/test_committee::test_before_a_ballot_is_encrypted_the_signatures_are_looked_at
    a trustee refuses, the quorum is never there
        attacks/test_operator::test_a_quorum_that_is_never_reached
    each trustee is shown another list
        attacks/test_operator::test_trustees_are_shown_different_lists
    signatures are withheld from a phone
        attacks/test_operator::test_a_ballot_is_dropped_before_the_committee_looks
    signatures of another session, to a trustee
        admin/client/test_signing::test_an_opening_that_is_not_of_this_session
    signatures of another session, to a phone
        interop/test_miniapp::test_another_sessions_signatures_give_no_code
    a letter with another session's code
        attacks/test_refused::test_a_letter_of_another_session
    the same on a phone
        browser/test_committee::test_a_letter_with_another_sessions_code
    a phone missing from the proposed list
        browser/test_committee::test_who_is_missing_says_so_and_registration_goes_on
    a phone missing from the sealed list
        browser/test_committee::test_who_is_missing_in_a_sealed_box_votes_nowhere
    a phone that comes at the close
        attacks/test_operator::test_a_quorum_that_is_never_reached
    a trustee who missed the opening
        admin/client/test_signing::test_a_closing_that_follows_from_the_archive_is_signed
    a key file restored from an older copy
        attacks/test_operator::test_a_key_file_that_has_forgotten_is_no_way_round
    the same, put back on its own machine
        admin/cli/test_trustee_keys::test_an_older_copy_put_back
"""
